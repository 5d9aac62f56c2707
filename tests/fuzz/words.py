"""The words that the fuzz puts its requests together from, a list for each place.

Law: each list holds what is right there beside what is not.
"""

PATHS = [
    *("/static/file.txt", "/static/file.txt", "/static/file.txt", "/files/file.txt", "/attachment"),
    *("/", "/read", "/read/a/b", "/string/a", "/stringlength2/ab"),
    *("/stringminlength2maxlength3/abc", "/int/1", "/path/a/b"),
    *("/uuid/12345678-1234-5678-1234-567812345678", "/intsignedTrue/-5", "/intfixeddigits3/007"),
    *("/intmin1max9/3", "/float/1.5", "/floatsignedTrue/-1.5", "/anyabc\xfc/a", "/int/1/2/end/"),
    *("/mixed/1-b.x", "/many/a/b/c/end", "/branch", "/branch/", "/page/", "/page/1", "/old/x"),
    *("/also/a", "/loose/x/", "/redirect", "/header", "/render", "/json", "/stream", "/echo"),
    *("/files/file.txt", "/files/sub/page.html", "/attachment", "/abort", "/session", "/forget"),
    *("/flash", "/static/file.txt", "/static/sub/page.html", "/static/.hidden", "/static/way-out"),
    *("/static/../secret.txt", "//elsewhere.example/", "/static/sub/../../secret.txt"),
    "/static/sub",
]
PATH_PARTS = [
    *("/", "//", "///", "..", ".", "../", "..\\", "%2e", "%2f", "\\", ":", ";", "?", "#", "@"),
    *("@elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "C:\\", "NUL"),
    *("con.txt", "::$DATA", "\x00", "\x01", "\r", "\x1b[31m", "\x7f", "\xff", "\xc3\xa9"),
    *("\xed\xa0\x80", "\xc0\xaf", "\xc3", "\xe2\x80\xae", "0", "-1", "+1", "1_0", "1e3", "1e999"),
    *("nan", "inf", "0x10", "1.5", "-0.0", ".5", "5.", "99999999999999999999", "\xd9\xa1"),
    *("\xef\xbc\x91", "urn:uuid:", "{12345678123456781234567812345678}", "<script>", "\"'", "%00"),
    *("%0a", "static", "file.txt", "secret.txt", "end", "x", "y", "\n", "\r\n"),
]
QUERY_PARTS = [
    *("&", "=", "+", "%", "%2", "%zz", "%ff", "%c3%a9", "%ed%a0%80", "%00", "%0d%0a", "a=", "a=1"),
    *("b[]=2", "n=5", "n=x", ";", "?", "#", "/", "next=", "k=", "v=", "text=", "name=", "why="),
    *("key=", "value=", "domain=", "path=", "next=//elsewhere.example", "next=http://[::1"),
    *("next=javascript:alert(1)", "next=http://a:b/", "next=/%0d%0aX:1"),
    *("v=<script>alert(1)</script>", "v=%22%3e%3cscript%3e", "name=..%2f..%2fx", "name=a%22%3bb"),
    *("name=%e2%82%ac", "permanent=", "X-A=1", "\xff", "\xc3\xa9", "\x00", "[::1", "Set-Cookie=a"),
]
DATES = [
    *("Fri, 31 Dec 2100 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"),
    *("Mon, 01 Jan 9999999999 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"),
    *("Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"),
    *("Mon, 01 Jan 0001 00:00:00 +0900", "Fri, 31 Dec 9999 23:59:59 -2359", "Mon", ",", "1"),
    *(
        "Thu, 01 Jan 1970 00:00:00",
        "Fri, 31 Dec 2100 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:60:61 GMT",
    ),
    *("0", "-1", "\u0661", "Sun, 30 Feb 2020 00:00:00 GMT"),
]
LISTS = [
    *("*", "*", "text/html;q=0.5", 'W/"x", "y"'),
    *(",", ";", "=", "*", "q=0.5", "q=nan", "q=1e400", "q=-1", "q=2", "*/*", "text/html"),
    *("application/json", "text/*", "en", "en-GB", "de", "utf-8", "gzip", ";level=1", '"', "\\"),
    *('"a"', '"\\"', "W/", '"x"', 'W/"x"', "'", "a=b", "a=*999999999=", "a*=UTF-8''%ff", "a*0=x"),
    *("a*1*=y", "no-cache", "max-age=5", "max-age=x", "max-age=99999999999999999999", "max-stale"),
    *("\xff", "\x00", "\t", " "),
]
COOKIES = [
    *("a=1", "b=2", ";", ";;", "=", "=x", "a", 'a="b"', 'a="\\101"', 'a="\\999"', 'a="unclosed'),
    *("\\", "\xff", "$Path=/", "session=x", "session=.", "session=a.b.c", "session=..x"),
    *("session=.eJw.x.y", "=__Host-x=v", ",", "\x00", "\xc3\xa9=\xc3\xa9"),
]
RANGES = [
    *("bytes=0-1", "bytes=5-", "bytes=-5", "bytes=0-", "bytes=0-0,2-3"),
    *("bytes=", "bytes", "items=", "0-1", "5-2", "-0", "-5", "0-", "9999999999999999999999-", ","),
    *("0-0,-1", "*", "1-1", "\xb2-\xb3", "-", "--", "a-b", "0x1-2", "1_0-", "=", "\t"),
]
LOGINS = [
    *("Basic", "Basic ", "Bearer", "Digest", "Basic QTpC", "Basic \xff", "Basic =", "Basic /w=="),
    *('Digest a="', ' username="x"', ",", "=", '"', "\\", 'realm="a\\"b"', "nonce=x", "Bearer x.y"),
    *("Basic OjpjOg", "\xff", "\x00"),
]
HOSTS = [
    *("localhost", "localhost:80", "example.org", "www.example.org", "a.b.example.org"),
    *("example.org:443", "[::1]", "[::1]:8080", "[::1", "[v1.x]", "a:99999999", "a:-1", "a:0"),
    *("a:x", "a:", ":", "xn--a", "xn--80ak6aa92e", "a\xff", "a\x00b", "<b>", "a/b", "user@h"),
    *("a?b", "a#b", ".", "..", "a..b", "-", "_", "\xc3\xa9.example", "127.0.0.1", "0x7f.1"),
    *("*.example.org", "a,b", "localhost.", "", " ", "a b"),
]
HOSTS += ["x" * 64, "x." * 200, "localhost " * 3]
TYPES = [
    *("application/x-www-form-urlencoded", "application/json", "application/ld+json", "text/plain"),
    *("multipart/form-data; boundary=edge", 'multipart/form-data; boundary="edge"'),
    *("multipart/form-data", "multipart/form-data; boundary="),
    *("multipart/form-data; boundary=\xff", "text/html; charset=utf-7", "/", ";", '"'),
    *("application/json; charset=utf-16", "application/x-url-encoded"),
    *("MULTIPART/FORM-DATA; Boundary=edge", "multipart/form-data; boundary*=UTF-8''edge"),
    *("multipart/form-data; boundary=a b", 'a/b; c="', "a/b; c=\\"),
]
JSON_PARTS = [
    *("{", "}", "[", "]", ",", ":", "null", "true", "NaN", "Infinity", "-0", "1e999", "1", '""'),
    *('"a"', '"a":1', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\x"', '"</script>"', "\xff"),
    *("\xef\xbb\xbf", "\x00", "999999999999999999", "\xff\xfe", "[[[[[[", '{"a":', "'", "//", " "),
]
MULTIPART_PARTS = [
    *("--edge\r\n", "--edge--\r\n", "--edge", "--edge--", "\r\n", "\n", "\r", "\r\n\r\n", "--"),
    *("edge", 'Content-Disposition: form-data; name="a"\r\n\r\nx\r\n'),
    'Content-Disposition: form-data; name="f"; filename="f"\r\nContent-Type: a/b\r\n\r\nx\r\n',
    "Content-Disposition: form-data\r\n\r\nx\r\n",
    "Content-Disposition: form-data; name*=x''%ff\r\n",
    'Content-Disposition: form-data; name="f"; filename="../../x\\"; filename*0=a\r\n\r\n',
    *("Content-Disposition: attachment\r\n\r\n", 'name="a'),
    "Content-Type: text/plain; charset=idna\r\n",
    *("Content-Type: text/plain; charset=utf-16\r\n\r\n", "Content-Transfer-Encoding: base64\r\n"),
    *("Content-Length: -1\r\n", "X: \xff\r\n", ": \r\n", "X\r\n", " folded\r\n", "\x00"),
    "\xff\xc3",
    "edgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedgeedge",
]
LENGTHS = [
    *("", "0", "-1", "+3", "1_0", "0x5", "5, 5", " 5", "\xb2", "99999999999999999999", "x", "3"),
]
FORM_PARTS = [*QUERY_PARTS, "a=b" * 5, "&" * 10, "\xc3", "a=1&a=2"]
METHODS = ["GET"] * 50 + ["POST"] * 25 + ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]
METHODS += ["get", "BREW", "", "G E T", "GET\n", "\xff", "CONNECT", "--"]

# What may stand in each header of an environ.
HEADERS = {
    "HTTP_ACCEPT": LISTS,
    "HTTP_ACCEPT_CHARSET": LISTS,
    "HTTP_ACCEPT_ENCODING": LISTS,
    "HTTP_ACCEPT_LANGUAGE": LISTS,
    "HTTP_AUTHORIZATION": LOGINS,
    "HTTP_CACHE_CONTROL": LISTS,
    "HTTP_COOKIE": COOKIES,
    "HTTP_DATE": DATES,
    "HTTP_IF_MATCH": LISTS,
    "HTTP_IF_MODIFIED_SINCE": DATES,
    "HTTP_IF_NONE_MATCH": LISTS,
    "HTTP_IF_RANGE": LISTS + DATES,
    "HTTP_IF_UNMODIFIED_SINCE": DATES,
    "HTTP_MAX_FORWARDS": LENGTHS + RANGES,
    "HTTP_ORIGIN": HOSTS,
    "HTTP_PRAGMA": LISTS,
    "HTTP_RANGE": RANGES,
    "HTTP_REFERER": QUERY_PARTS,
    "HTTP_USER_AGENT": LISTS,
    "HTTP_TRANSFER_ENCODING": ["chunked", "gzip", ",", "Chunked"],
    "HTTP_X_FORWARDED_FOR": LISTS + HOSTS,
    "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": LISTS,
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": METHODS,
    "HTTP_CONTENT_ENCODING": LISTS,
    "HTTP_X_FORWARDED_HOST": HOSTS,
    "HTTP_PROXY": HOSTS,
    "HTTP_CONTENT_MD5": LISTS,
    "HTTP_X_REQUESTED_WITH": LISTS,
    "HTTP_UPGRADE": ["websocket"],
}
