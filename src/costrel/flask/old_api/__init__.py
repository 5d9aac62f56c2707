"""What Flask and Werkzeug had before 2.3, for the programs and extensions of that time.

Law: an old name leads to what took its place; only what nothing took the place of is made here, and
nothing here is imported before a program asks for it.
"""
