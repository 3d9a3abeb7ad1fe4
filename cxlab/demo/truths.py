def truths(w):
    return []


def as_records(t):
    return []


def as_text(t):
    return ""
