package io.taskbroker.settings;

/**
 * What is logged, and how it looks.
 *
 * @param filter directives such as {@code info,taskbroker::upkeep=debug}
 */
public record LogSettings(String filter, LogFormat format) {}
