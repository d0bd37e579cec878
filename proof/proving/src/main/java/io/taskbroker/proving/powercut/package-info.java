/** What a power cut leaves of a store: recorded from a live broker, then played for any moment. */
@NullMarked
package io.taskbroker.proving.powercut;

import org.jspecify.annotations.NullMarked;
