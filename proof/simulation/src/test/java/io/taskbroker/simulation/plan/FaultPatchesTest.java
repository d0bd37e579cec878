package io.taskbroker.simulation.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The deliberate faults are patches of today's code, or {@code find-faults} plays nothing. */
class FaultPatchesTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** Before the path of the file that is changed. */
  private static final String FILE = "--- a/";

  @Test
  void everyFault_fitsTodaysCode() throws IOException {
    List<String> misfits = new ArrayList<>();
    try (Stream<Path> patches = Files.list(ROOT.resolve("proof/simulation/faults"))) {
      for (Path patch : patches.sorted().toList()) {
        if (!fits(Files.readAllLines(patch))) {
          misfits.add(patch.getFileName().toString());
        }
      }
    }

    assertThat(misfits).as("patches whose places are not found").isEmpty();
  }

  private static boolean fits(List<String> patch) throws IOException {
    String source = "";
    StringBuilder place = new StringBuilder();
    boolean fits = true;
    for (String line : patch) {
      if (line.startsWith("diff ") || line.startsWith("@@")) {
        fits &= source.contains(place);
        place.setLength(0);
      }
      if (line.startsWith(FILE)) {
        source = "\n" + Files.readString(ROOT.resolve(line.substring(FILE.length())));
      } else if (line.startsWith(" ") || (line.startsWith("-") && !line.startsWith("---"))) {
        place.append(line, 1, line.length()).append('\n');
      }
    }
    return fits && source.contains(place);
  }
}
