// SPDX-License-Identifier: Apache-2.0
// What a function says about its parameters, for checking scripts before they run.
#ifndef HOOKSWITCH_PARAMETERS_H
#define HOOKSWITCH_PARAMETERS_H

#include "trampoline.h"

/// The fixed parameters of the function behind `reference`, or -1 where it is none or no Lua function; `is_vararg` is 1
/// where it takes `...`.
int32_t hs_parameters(hs_state *state, int32_t reference, int32_t *is_vararg);

#endif
