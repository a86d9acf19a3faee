"""What runs in the supervisor's own process. Imports the standard library and this folder, nothing else.

guard        the first process: takes the folder, hides it, keeps the exit statuses of orphans, restarts `room`
room         the loop: requests in, processes started and stopped, exits out
roster       the attempts that live: started, taken up again, seen to end, ended
starting     orders made into processes at their gates, several at a time
crew         the threads that do that side by side
spawn        one process started behind a gate
posix_spawn  how the system starts a program
attempts     what is known of one attempt, and how it is told
sweep        who belongs to an attempt, and ending all of them
book         the record of starts and ends, on disk
outputs      the files that take what steps print
groups       one control group for each running attempt, where one can be made
system       what only the kernel can do: namespaces, subreaper, facts from /proc
wire         messages with their length in front
"""
