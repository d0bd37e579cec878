package io.taskbroker.settings;

import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.Values;
import java.util.Optional;

/** Warns of what is allowed, and yet hardly meant. */
final class Advice {
  private Advice() {}

  static void add(Values values, Findings findings) {
    LogFilter.parse(values.get(GeneralKeys.LOG_FILTER))
        .ignored()
        .forEach(
            directive ->
                findings.warning(
                    "log_filter (%s): '%s' is ignored. Write a level, or target=level"
                        .formatted(values.origin(GeneralKeys.LOG_FILTER).describe(), directive)));
    if (values.get(UpkeepKeys.FULL_VACUUM_ON_START)) {
      findings.warning(
          "full_vacuum_on_start (%s): the whole file is rewritten before anything is served, which"
                  .formatted(values.origin(UpkeepKeys.FULL_VACUUM_ON_START).describe())
              + " takes long and is needless: unused space is given back in small steps");
    }
    if (values.get(UpkeepKeys.FULL_VACUUM_ON_UPKEEP)) {
      findings.warning(
          "full_vacuum_on_upkeep (%s): all work stops while the whole file is rewritten, every"
                  .formatted(values.origin(UpkeepKeys.FULL_VACUUM_ON_UPKEEP).describe())
              + " vacuum_interval_ms; leave it out: unused space is given back in small steps");
    }
    Settings.CATALOGUE
        .current()
        .filter(setting -> setting.isIdle() && isOtherwiseThanUsual(values, setting))
        .forEach(
            setting ->
                findings.idle("%s (%s)".formatted(setting, values.origin(setting).describe())));
    new PostgresRecords(values).advise(findings);
    long batch = values.get(StoreKeys.INSERT_BATCH_MAX_LENGTH);
    long pending = values.get(StoreKeys.MAX_PENDING_COUNT);
    if (batch > pending) {
      findings.warning(
          "store.insert_batch_max_length (%s) is %d, above store.max_pending_count (%s) of %d: no batch fits in as a whole, each enters in parts"
              .formatted(
                  values.origin(StoreKeys.INSERT_BATCH_MAX_LENGTH).describe(),
                  batch,
                  values.origin(StoreKeys.MAX_PENDING_COUNT).describe(),
                  pending));
    }
    if (values.get(UpkeepKeys.INTERVAL).compareTo(values.get(UpkeepKeys.UNHEALTHY_INTERVAL)) > 0) {
      findings.warning(
          "upkeep_task_interval_ms (%s) is longer than upkeep_unhealthy_interval_ms (%s). Make the second one a few times the first"
              .formatted(
                  values.origin(UpkeepKeys.INTERVAL).describe(),
                  values.origin(UpkeepKeys.UNHEALTHY_INTERVAL).describe()));
    }
  }

  /** Whether somebody who wrote it expects something of it. */
  private static boolean isOtherwiseThanUsual(Values values, Setting<?> setting) {
    return values.isGiven(setting)
        && !values.find(setting).equals(Optional.ofNullable(setting.fallback()));
  }
}
