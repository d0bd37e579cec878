/**
 * Files of the reference broker, as it would make and read them: plain SQLite, none of our code.
 */
@NullMarked
package io.taskbroker.proving.reference;

import org.jspecify.annotations.NullMarked;
