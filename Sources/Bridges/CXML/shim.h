// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CXML_SHIM_H
#define HOOKSWITCH_CXML_SHIM_H

#include <libxml/xmlversion.h>

// Debian's library converts encodings with ICU and shows ICU's types in one header. Foundation brings another version of
// ICU, and Swift refuses to see both. Converters are not used here, so that header does without.
#undef LIBXML_ICU_ENABLED

#include <libxml/xmlreader.h>

#endif
