-- SPDX-License-Identifier: Apache-2.0
function run(event)
  local tag = event.data.tag
  return {text = "a release is out"}
end
