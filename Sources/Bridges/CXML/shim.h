// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CXML_SHIM_H
#define HOOKSWITCH_CXML_SHIM_H

#include <libxml/xmlreader.h>

#endif
