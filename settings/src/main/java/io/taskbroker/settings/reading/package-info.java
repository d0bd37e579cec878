/**
 * A small library that reads a configuration from a file and the environment, checks it whole, and
 * explains it: from where each value came, what is wrong, and what the keys mean. It knows which
 * keys there are from a {@link io.taskbroker.settings.reading.Catalogue}, and nothing else of the
 * program.
 */
@NullMarked
package io.taskbroker.settings.reading;

import org.jspecify.annotations.NullMarked;
