package io.taskbroker.application.store;

import io.taskbroker.domain.engine.EngineSettings;

/**
 * What the owned store promises.
 *
 * @param syncEveryCommit whether claims and outcomes, too, survive a power cut
 */
public record StoreSettings(EngineSettings engine, boolean syncEveryCommit) {}
