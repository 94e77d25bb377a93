-- SPDX-License-Identifier: Apache-2.0
function run(event)
  local text = sting.format("%s is out", event.data.tag)
  return {text = text:upper(), size = string.fromat("%d", #text)}
end
