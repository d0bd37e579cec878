package io.taskbroker.settings;

import io.taskbroker.settings.reading.DurationTypes;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.time.Duration;
import java.util.List;

/** What happens by itself as time goes by. */
final class UpkeepKeys {
  static final Setting<String> RUNTIME_CONFIG_PATH =
      Setting.optional("runtime_config_path", TextTypes.FILE)
          .means("A YAML file with kill switches and demotions, which may change at any time.");
  static final Setting<Duration> INTERVAL =
      Setting.of("upkeep_task_interval_ms", DurationTypes.MILLIS, Duration.ofSeconds(1))
          .must("be at least 1", Duration::isPositive)
          .means("How often deadlines, delays, expiry and the like are looked at.");
  static final Setting<Duration> UNHEALTHY_INTERVAL =
      Setting.of("upkeep_unhealthy_interval_ms", DurationTypes.MILLIS, Duration.ofSeconds(5))
          .means("Overdue for longer than that, a part of the broker makes it unhealthy.");
  static final Setting<Boolean> HEALTH_CHECK_KILLSWITCHED =
      Setting.of("health_check_killswitched", Type.FLAG, false)
          .means("Whether the broker calls itself healthy whatever happens.");
  static final Setting<Duration> STARTUP_GRACE =
      Setting.of(
              "upkeep_deadline_reset_skip_after_startup_sec",
              DurationTypes.SECONDS,
              Duration.ofSeconds(60))
          .means("For so long after the start no task misses its deadline.");
  static final Setting<Duration> MAINTENANCE_INTERVAL =
      Setting.of("maintenance_task_interval_ms", DurationTypes.MILLIS, Duration.ofSeconds(6))
          .must("be at least 1", Duration::isPositive)
          .means("How often unused space in the file is given back.");
  static final Setting<Duration> MAX_DELAY =
      Setting.optional("max_delayed_task_allowed_sec", DurationTypes.SECONDS)
          .means("The longest delay of a task, to which longer ones are cut; empty for no limit.");
  static final Setting<Boolean> FULL_VACUUM_ON_START =
      Setting.of("full_vacuum_on_start", Type.FLAG, false)
          .means("Whether the whole file is rewritten before anything is served.");
  static final Setting<Boolean> FULL_VACUUM_ON_UPKEEP =
      Setting.of("full_vacuum_on_upkeep", Type.FLAG, false)
          .means(
              "Whether the whole file is rewritten again and again while all work waits; needless,"
                  + " since unused space is given back in small steps.");
  static final Setting<Duration> VACUUM_INTERVAL =
      Setting.of("vacuum_interval_ms", DurationTypes.MILLIS, Duration.ofSeconds(30))
          .means("How often, if `full_vacuum_on_upkeep` is set.");
  static final Setting<Long> CANARY_TASKS =
      Setting.of("canary_tasks", NumberTypes.COUNT, 0L)
          .must("be below 2^32", tasks -> tasks < 1L << 32)
          .means(
              "How many tasks of its own the broker stores at start for each application of"
                  + " `worker_map`, to try the way to the workers: `canary_task` in namespace"
                  + " `internal`, which every worker knows.");
  static final Setting<Duration> REHEARSAL =
      Setting.of("rehearsal", DurationTypes.DURATION_TEXT, Duration.ofSeconds(20))
          .must("be at most 60s", longest -> longest.compareTo(Duration.ofMinutes(1)) <= 0)
          .means(
              "How long at most the broker does tasks of its own once it has had partitions for a"
                  + " second, in a store and with workers of its own, so that its code is compiled before"
                  + " real ones come. The first task that a worker has done ends it; 0s for not at"
                  + " all.");

  static final List<Setting<?>> ALL =
      List.of(
          RUNTIME_CONFIG_PATH,
          INTERVAL,
          UNHEALTHY_INTERVAL,
          HEALTH_CHECK_KILLSWITCHED,
          STARTUP_GRACE,
          MAX_DELAY,
          MAINTENANCE_INTERVAL,
          FULL_VACUUM_ON_START,
          FULL_VACUUM_ON_UPKEEP,
          VACUUM_INTERVAL,
          CANARY_TASKS,
          REHEARSAL);

  private UpkeepKeys() {}
}
