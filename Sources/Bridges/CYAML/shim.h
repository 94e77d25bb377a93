// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CYAML_SHIM_H
#define HOOKSWITCH_CYAML_SHIM_H

#include <yaml.h>

#endif
