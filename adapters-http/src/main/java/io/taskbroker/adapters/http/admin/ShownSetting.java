package io.taskbroker.adapters.http.admin;

import org.jspecify.annotations.Nullable;

/**
 * A value of the configuration, as operators see it.
 *
 * @param section the chapter it belongs to
 * @param key its full path
 * @param value as it would be written, with stars in place of what is secret; null if it is unset
 * @param fallback what holds when nobody writes the key; null for nothing
 * @param isGiven whether somebody wrote it
 * @param origin where it was written, in words
 * @param meaning in a sentence
 */
public record ShownSetting(
    String section,
    String key,
    @Nullable String value,
    @Nullable String fallback,
    boolean isGiven,
    String origin,
    String meaning) {}
