/** The rules, each shown to hold. */
@NullMarked
package io.taskbroker.domain;

import org.jspecify.annotations.NullMarked;
