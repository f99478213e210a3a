"""What acts on events. Each reactor's result is again a command: nobody calls it, nobody waits for it.

`responder` answers messages, `deliverer` puts replies where people read them, `subscription` connects both to the log.
"""
