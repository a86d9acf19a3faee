"""What a pipeline would do: a dry fold of the run machine, told as a plan.

    fold      the machine, fed with the ends of steps that never ran
    waits     what a real run would wait for
    nodes     what came of it, as plain data with sentences
    text      that data for people
    paths     what people call a step

Nothing here decides anything: conditions, gates and retries are judged by the very rules that move real runs.
"""
