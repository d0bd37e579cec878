package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the Dockerfile names is there. That it works, {@code prove assembled} shows. */
class ImageTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path PROGRAM = ROOT.resolve("deploy/program");
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
  private static final Pattern PROGRAM_PATH = Pattern.compile("\"/opt/broker/([^\"]+)\"");

  @Test
  void itRunsProgramsThatAreThere() throws IOException {
    List<String> programs = new ArrayList<>();
    Matcher paths = PROGRAM_PATH.matcher(Files.readString(ROOT.resolve("Dockerfile")));
    while (paths.find()) {
      programs.add(paths.group(1));
    }

    assertThat(programs).containsExactlyInAnyOrder("bin/taskbroker", "bin/livez");
    assertThat(programs).allMatch(program -> Files.isExecutable(PROGRAM.resolve(program)));
  }

  @Test
  void itsHealthCheckAsksWhereTheBrokerAnswers() throws IOException {
    String port = value("ENV TASKBROKER_HTTP_PORT=");

    assertThat(Files.readString(PROGRAM.resolve("bin/livez"))).contains("${TASKBROKER_HTTP_PORT:?");
    assertThat(value("EXPOSE ").split(" ")).containsExactly("50051", port);
  }

  @Test
  void itRunsAsAUserAndAGroupThatItHas() {
    String[] numbers = value("USER ").split(":", -1);

    assertThat(value("RUN groupadd ")).contains("--gid " + numbers[1] + " taskbroker");
    assertThat(value("  && useradd "))
        .contains("--uid " + numbers[0] + " --gid " + numbers[1] + " ")
        .contains(" taskbroker ");
  }

  @Test
  void theStoreIsItsVolume() throws IOException {
    assertThat(value("WORKDIR /var")).isEqualTo(value("VOLUME /var")).isEqualTo("/lib/taskbroker");
  }

  /**
   * The command and the mount of the reference's image, as its Compose file and chart have them.
   */
  @Test
  void itStandsWhereTheImageOfTheReferenceStood() throws IOException {
    String image = Files.readString(ROOT.resolve("Dockerfile"));

    assertThat(image)
        .contains("ln -s /opt/broker/bin/taskbroker /opt/taskbroker ")
        .containsPattern("install --directory --owner=taskbroker .* /opt/sqlite ")
        .contains("ENV LC_ALL=C.UTF-8");
  }

  @Test
  void itsBasesCanBeNamedByDigest() throws IOException {
    assertThat(lines("Dockerfile").stream().filter(line -> line.startsWith("FROM ")))
        .containsExactly("FROM ${BUILD_IMAGE} AS build", "FROM ${BASE_IMAGE}");
    assertThat(Files.readString(ROOT.resolve("docs/deployment.md")))
        .contains("--build-arg BUILD_IMAGE=", "--build-arg BASE_IMAGE=");
  }

  @Test
  void whatIsNeededToBuildIsSentToTheBuilder() throws IOException {
    List<String> needed =
        new ArrayList<>(
            List.of(
                "LICENSE",
                "pom.xml",
                "taskbroker",
                ".mvn/jvm.config",
                "bootstrap/src/license/third-party.ftl"));
    Matcher modules = MODULE.matcher(Files.readString(ROOT.resolve("pom.xml")));
    while (modules.find()) {
      needed.add(modules.group(1) + "/pom.xml");
      needed.addAll(filesIn(ROOT.resolve(modules.group(1)).resolve("src/main")));
    }
    needed.addAll(filesIn(PROGRAM));

    assertThat(needed).hasSizeGreaterThan(100).allMatch(ImageTest::isSent);
  }

  @Test
  void nothingElseIs() {
    assertThat(Stream.of(".git/HEAD", "domain/target/a.jar", "target/built", "docs/metrics.md"))
        .noneMatch(ImageTest::isSent);
    assertThat(isSent("domain/src/test/java/A.java")).isFalse();
  }

  /** As Docker reads .dockerignore: the last line that speaks of a file or a folder above it. */
  private static boolean isSent(String path) {
    boolean sent = true;
    for (String line : lines(".dockerignore")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        boolean exception = line.startsWith("!");
        if (speaksOf(exception ? line.substring(1) : line, path)) {
          sent = exception;
        }
      }
    }
    return sent;
  }

  private static boolean speaksOf(String pattern, String path) {
    var matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    return Stream.iterate(Path.of(path), part -> part != null, Path::getParent)
        .anyMatch(matcher::matches);
  }

  private static List<String> filesIn(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> ROOT.relativize(file).toString())
          .toList();
    }
  }

  /** What follows these words at the beginning of the Dockerfile's only line that has them. */
  private static String value(String words) {
    List<String> values =
        lines("Dockerfile").stream()
            .filter(line -> line.startsWith(words))
            .map(line -> line.substring(words.length()))
            .toList();
    assertThat(values).as(words).hasSize(1);
    return values.getFirst();
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(ROOT.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
