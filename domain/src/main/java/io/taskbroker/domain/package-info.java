/** The rules: which state follows which event, what is due, and when intake has to wait. */
@NullMarked
package io.taskbroker.domain;

import org.jspecify.annotations.NullMarked;
