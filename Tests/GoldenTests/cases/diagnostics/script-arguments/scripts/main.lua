-- SPDX-License-Identifier: Apache-2.0
function run(event)
  return {sum = hmac(event.raw), at = now(1)}
end
