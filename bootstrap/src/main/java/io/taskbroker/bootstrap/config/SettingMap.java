package io.taskbroker.bootstrap.config;

import java.util.List;

/** A mapping from names that the operator chooses to entries with these keys. */
record SettingMap(String path, List<Setting<?>> keys) {}
