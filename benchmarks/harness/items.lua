-- wrk's script: the pages of the file named after `--`, one after another; "once": each of them once, then no more.
local pages, at, once = {}, 0, false

function init(args)
  for page in io.lines(args[1]) do pages[#pages + 1] = wrk.format("GET", page) end
  once = args[2] == "once"
end

function request()
  at = at + 1
  if at > #pages then
    if once then wrk.thread:stop() end
    at = 1
  end
  return pages[at]
end
