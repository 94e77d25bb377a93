-- SPDX-License-Identifier: Apache-2.0
return {text = tostring}
