/** The rules of the work: what an activation is, and which state may follow which. */
@NullMarked
package io.taskbroker.domain;

import org.jspecify.annotations.NullMarked;
