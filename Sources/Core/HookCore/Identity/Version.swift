// SPDX-License-Identifier: Apache-2.0

/// The version of this build, as `hookswitch version`, `User-Agent` and `build_info` show it.
package enum HookswitchVersion {
    package static let text = "0.1.0"
}
