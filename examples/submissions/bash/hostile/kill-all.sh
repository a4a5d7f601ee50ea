# Kills whatever answers, its init included.
kill -9 -1 2>/dev/null
kill -9 1 2>/dev/null
kill -STOP 1 2>/dev/null
echo survived
