-- SPDX-License-Identifier: Apache-2.0
function run(event)
  return {at = os.time(), data = event.data}
end
