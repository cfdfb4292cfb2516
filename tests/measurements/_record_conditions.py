def tables(): return {}
def numbers(): return {}
def run(given): pass
