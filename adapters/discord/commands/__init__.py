"""Slash commands, and the buttons, menus and forms that they lead to.

    declaring.py      what a command is          answers.py      how its answer looks
    dispatch.py       from click to answer       drawing.py      the answer as Discord takes it
    sessions.py       what lies between clicks   registering.py  the commands as Discord takes them

Each other file is one group of commands: what they take, what they ask of the engine, how the answer looks.
"""
