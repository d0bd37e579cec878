/** From a YAML file and the environment to settings records: right as a whole, or not at all. */
@NullMarked
package io.taskbroker.bootstrap.config;

import org.jspecify.annotations.NullMarked;
