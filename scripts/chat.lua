-- GitHub events as messages for a chat room: `{"text": "..."}`.

--- "acme/rocket v2.1.0 is out: https://github.com/acme/rocket/releases/tag/v2.1.0"
function release_message(event, ctx)
  local release = event.data.release
  return {
    text = string.format("%s %s is out: %s", event.data.repository.full_name, release.tag_name, release.html_url),
  }
end

local function first_line(text)
  return text:match("^[^\r\n]*")
end

--- "acme/rocket: 2 commits on main by ada: Fix the valve (https://github.com/...)"
function push_message(event, ctx)
  local push = event.data
  if push.deleted then return drop("the branch was deleted") end
  if #push.commits == 0 then return drop("no commits") end

  local branch = push.ref:gsub("^refs/heads/", "")
  local count = #push.commits
  return {
    text = string.format("%s: %d %s on %s by %s: %s (%s)", push.repository.full_name, count,
      count == 1 and "commit" or "commits", branch, push.pusher.name,
      first_line(push.commits[count].message), push.compare),
  }
end
