@NullMarked
package io.taskbroker.adapters.http.admin;

import org.jspecify.annotations.NullMarked;
