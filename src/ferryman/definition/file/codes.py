"""The numbers of problems (pipeline-yaml 13; the limits from the table of checks of a stored pipeline)."""

SYNTAX = 2100130
"""Not YAML, wrong version, a key that stands twice."""
MISSING = 2100144
"""A required key is missing."""
UNKNOWN_KEY = 2100145
"""A key not known here, or keys that exclude each other."""
NO_FORM = 2100146
"""The value fits none of the allowed forms."""
UNKNOWN_WORD = 2100147
"""Not one of the allowed words."""
WRONG_TYPE = 2100148
"""Another type was wanted."""
PATTERN = 2100149
"""The text does not follow the rule for it."""
TOO_MUCH = 2100150
"""Too long or too many."""
RANGE = 2100151
"""A number out of its range."""
VARIABLE_VALUE = 2100113
"""The value of a variable does not fit its type."""
JOB_ID_LENGTH = 2100115
"""A job id above 64 characters."""
NO_STEP_KIND = 2100116
"""A step without run, uses or checkout."""
IMAGE_TAG = 2100117
"""The image of a service without a tag."""
STEP_ID_TWICE = 2100118
"""A step id used twice in a job."""
ENV_COUNT = 2100120
"""More than 100 entries of env."""
ENV_SIZE = 2100121
"""A name or a value of env too long."""
NO_ENVIRONMENT = 2100129
"""runs-on names no known environment."""
CIRCLE = 2101145
"""A circle of depend-on."""
JOB_ID_TWICE = 2101146
"""A job id used twice in the file."""
LIMIT = 2101069
"""More stages, jobs or steps than allowed."""
NO_VARIABLES = 2101115
"""A condition of a job that compares no variable."""
CONDITION_LENGTH = 2101253
"""A condition above 512 characters."""
