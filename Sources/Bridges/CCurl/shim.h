// SPDX-License-Identifier: Apache-2.0
#ifndef HOOKSWITCH_CCURL_SHIM_H
#define HOOKSWITCH_CCURL_SHIM_H

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// libcurl's setters and getters are variadic, which Swift cannot call; each gets one wrapper per type of value, so that
// a wrong type is an error of the compiler and not a read of the wrong register.

static inline CURLcode hs_easy_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hs_easy_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

/// libcurl copies the text. NULL puts the option back to its default.
static inline CURLcode hs_easy_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

/// libcurl keeps the pointer.
static inline CURLcode hs_easy_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}

/// libcurl keeps the list.
static inline CURLcode hs_easy_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

/// libcurl copies the bytes; the size must go first, or it would look for a NUL.
static inline CURLcode hs_easy_set_body(CURL *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

typedef size_t (*hs_bytes_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode hs_easy_set_bytes_callback(CURL *easy, CURLoption option, hs_bytes_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode hs_easy_set_open_socket(CURL *easy, curl_opensocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode hs_easy_set_before_request(CURL *easy, curl_prereq_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}

static inline CURLcode hs_easy_get_long(CURL *easy, CURLINFO key, long *value) {
    return curl_easy_getinfo(easy, key, value);
}

static inline CURLcode hs_easy_get_offset(CURL *easy, CURLINFO key, curl_off_t *value) {
    return curl_easy_getinfo(easy, key, value);
}

/// The text belongs to the handle and lives until its next transfer.
static inline CURLcode hs_easy_get_text(CURL *easy, CURLINFO key, const char **value) {
    return curl_easy_getinfo(easy, key, (char **)value);
}

static inline CURLcode hs_easy_get_pointer(CURL *easy, CURLINFO key, void **value) {
    return curl_easy_getinfo(easy, key, (char **)value);
}

static inline CURLMcode hs_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The result is a member of a union.
static inline CURLcode hs_message_result(const CURLMsg *message) { return message->data.result; }

/// Bytes of the address about to be connected (4 or 16 of them); 0 for any other family, which is then refused.
static inline int hs_address_bytes(const struct curl_sockaddr *address, uint8_t bytes[16]) {
    if (address->family == AF_INET && address->addrlen >= sizeof(struct sockaddr_in)) {
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr, 4);
        return 4;
    }
    if (address->family == AF_INET6 && address->addrlen >= sizeof(struct sockaddr_in6)) {
        memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr, 16);
        return 16;
    }
    return 0;
}

/// A socket for the address, closed on exec so that no child inherits a connection.
static inline curl_socket_t hs_open_socket(const struct curl_sockaddr *address) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static const curl_socket_t hs_socket_bad = CURL_SOCKET_BAD;
static const long hs_global_default = CURL_GLOBAL_DEFAULT;

#endif
