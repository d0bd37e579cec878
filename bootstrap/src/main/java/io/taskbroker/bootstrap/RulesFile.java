package io.taskbroker.bootstrap;

import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.application.rules.RuntimeRules;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.settings.RulesReader;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in a file, which is read again and again by its path, so that it does not matter how it
 * is replaced.
 *
 * <p>What is read counts once it has been the same twice, since an editor may be half done. A file
 * that cannot be used leaves the rules as they are, and says so once.
 */
final class RulesFile implements RuntimeRules, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::runtime_config");

  /** Two looks, and the enforcer's own rest, are well within two seconds. */
  private static final Duration REST = Duration.ofMillis(500);

  /** A file system over a network may keep us waiting. */
  private static final Duration LONGEST_LOOK = Duration.ofMinutes(1);

  /** A file that never ends must not fill the memory. */
  private static final int MAX_BYTES = 16 << 20;

  private final Path file;
  private final Heartbeat heartbeat;
  private final Loop loop;
  private final TimeSource time;
  private volatile Rules current = Rules.NONE;
  private volatile RulesOrigin origin;
  private Look last;
  private Look judged;
  private boolean usable;

  /** What was found: content, or why there is none. */
  private record Look(@Nullable ByteBuffer content, String trouble) {}

  private RulesFile(Path file, TimeSource time) {
    this.file = file;
    this.time = time;
    this.origin = new RulesOrigin(file.toString(), null, null);
    this.heartbeat = new Heartbeat("rules-file", time, LONGEST_LOOK);
    this.loop =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "rules-file",
            () -> {
              turn();
              return 0;
            },
            REST,
            new Defects(file + " was not read, and the rules stay as they are", time),
            heartbeat);
    this.last = look();
    this.judged = last;
    judge(last);
  }

  /** Reads the file; with one that cannot be used there are no rules, until it is mended. */
  static RulesFile open(Path file, TimeSource time) {
    return new RulesFile(file, time);
  }

  /** From here on changes of the file count. */
  void start() {
    loop.start();
  }

  Heartbeat heartbeat() {
    return heartbeat;
  }

  /** Since when the rules are in force, and what is wrong with the file. */
  RulesOrigin origin() {
    return origin;
  }

  @Override
  public Rules current() {
    return current;
  }

  @Override
  public void close() {
    loop.close();
  }

  /** Looks once; only one thread at a time may. */
  void turn() {
    Look look = look();
    boolean isSettled = look.equals(last);
    last = look;
    if (isSettled && !look.equals(judged)) {
      judged = look;
      judge(look);
    }
  }

  private Look look() {
    try (InputStream all = Files.newInputStream(file)) {
      byte[] content = all.readNBytes(MAX_BYTES + 1);
      return content.length > MAX_BYTES
          ? new Look(null, "it is larger than " + MAX_BYTES + " bytes")
          : new Look(ByteBuffer.wrap(content), "");
    } catch (NoSuchFileException _) {
      return new Look(null, "there is no such file");
    } catch (IOException e) {
      return new Look(null, "it cannot be read (" + e + ")");
    }
  }

  private void judge(Look look) {
    ByteBuffer content = look.content();
    if (content == null) {
      refuse(file + ": " + look.trouble());
      return;
    }
    try {
      accept(RulesReader.read(file, content));
    } catch (InvalidConfigException e) {
      refuse(String.join("; ", e.problems()));
    }
  }

  private void refuse(String problem) {
    usable = false;
    origin = new RulesOrigin(file.toString(), origin.sinceMs(), problem);
    LOG.error("The rules stay as they are, since the new ones cannot be used: {}", problem);
  }

  private void accept(Rules rules) {
    Long since = rules.equals(current) ? origin.sinceMs() : null;
    if (!rules.equals(current)) {
      current = rules;
      LOG.info(
          "Rules of {} are in force: tasks dropped {}, selectors {}, demoted namespaces {}, which"
              + " go to {}",
          file,
          rules.killSwitch().tasknames(),
          rules.killSwitch().selectors(),
          rules.demotion().namespaces(),
          target(rules.demotion()));
    } else if (!usable) {
      LOG.info("{} can be read, and has the rules that are in force", file);
    }
    origin = new RulesOrigin(file.toString(), since == null ? time.now().wallMs() : since, null);
    usable = true;
  }

  /** Where demoted tasks go. */
  static String target(Demotion demotion) {
    String topic =
        demotion.topic() == null ? "kafka_long_topic" : "topic '" + demotion.topic() + "'";
    return demotion.cluster() == null ? topic : topic + " of cluster " + demotion.cluster();
  }
}
