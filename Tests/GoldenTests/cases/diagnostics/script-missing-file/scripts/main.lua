-- SPDX-License-Identifier: Apache-2.0
function run(event)
  return event.data
end
