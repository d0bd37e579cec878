package io.taskbroker.benchmarks.soak;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** All measures of a soak in one picture, each over time in a chart of its own. */
final class Plot {
  private static final int COLUMNS = 3;
  private static final int WIDTH = 480;
  private static final int HEIGHT = 260;
  private static final double MINUTE_MILLIS = 60_000;

  private Plot() {}

  /**
   * Draws what is known, as PNG.
   *
   * @param samples at least one
   * @return {@code file}
   */
  static Path draw(List<Sample> samples, Path file) {
    System.setProperty("java.awt.headless", "true");
    List<XYChart> charts =
        Stream.of(Measure.values()).flatMap(measure -> chart(samples, measure).stream()).toList();
    try {
      ImageIO.write(picture(charts), "png", file.toFile());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot draw " + file, e);
    }
  }

  private static BufferedImage picture(List<XYChart> charts) {
    int rows = Math.ceilDiv(charts.size(), COLUMNS);
    var picture = new BufferedImage(COLUMNS * WIDTH, rows * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    for (int i = 0; i < charts.size(); i++) {
      BufferedImage chart = BitmapEncoder.getBufferedImage(charts.get(i));
      graphics.drawImage(chart, i % COLUMNS * WIDTH, i / COLUMNS * HEIGHT, null);
    }
    graphics.dispose();
    return picture;
  }

  /** Empty if no value is known. */
  private static Optional<XYChart> chart(List<Sample> samples, Measure measure) {
    List<Sample> known =
        samples.stream().filter(sample -> !Double.isNaN(sample.of(measure))).toList();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(measure.label())
            .xAxisTitle("minutes")
            .yAxisTitle(measure.unit())
            .build();
    chart.getStyler().setYAxisMin(0.0).setMarkerSize(0).setLegendVisible(false);
    chart.addSeries(
        measure.label(),
        known.stream().mapToDouble(sample -> sample.at().toMillis() / MINUTE_MILLIS).toArray(),
        known.stream().mapToDouble(sample -> sample.of(measure)).toArray());
    return Optional.of(chart);
  }
}
