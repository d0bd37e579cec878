/** The broker as a whole: its assembly, its start and its stop. */
@NullMarked
package io.taskbroker.application;

import org.jspecify.annotations.NullMarked;
