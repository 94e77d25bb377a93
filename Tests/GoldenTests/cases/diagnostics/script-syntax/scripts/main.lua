-- SPDX-License-Identifier: Apache-2.0
function run(event)
  local total = event.data.a +
  return total
end
