#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <Eigen/Dense>
#include <gtest/gtest.h>
#include <support/architectures.hpp>

#include <inas/core/network.hpp>

#include "strategies/factories.hpp"
#include "strategies/short_effort.hpp"

namespace inas::nas {
namespace {

Settings small_settings() {
  Settings settings;
  settings.space = {NetworkFamily::convolution_2d, {1, 16, 16}, 4, 2, {1, 3, 5}, {4, 6, 8, 16}};
  settings.search.latency_requirement_s = 0.5;
  settings.strategies.set("screen.start", std::int64_t{12});
  return settings;
}

/// The strategy, told of each proposal at once, and what it was told.
class Told {
 public:
  explicit Told(const Settings& settings)
      : settings_(settings),
        explorer_(costmodel::make_device(settings.platform, settings.power), settings.explorer),
        strategy_(make_screen(settings, explorer_)) {}

  Trial next() {
    const Proposal proposal = strategy_->propose();
    Trial trial;
    trial.architecture = proposal.architecture;
    trial.effort = proposal.effort;
    trial.network = explored(proposal.architecture);
    trial.outcome = Outcome::trained;
    trial.accuracy = accuracy_of(proposal);
    EXPECT_TRUE(trial.network.feasible());
    (void)strategy_->learn(trial);
    return trial;
  }

  [[nodiscard]] bool is_short(const Trial& trial) const {
    return trial.effort != full_effort(settings_);
  }
  [[nodiscard]] explorer::NetworkResult explored(const Architecture& architecture) {
    return explorer_.explore(settings_.space, architecture, settings_.search.latency_requirement_s);
  }

 private:
  /// Wider is better, and each network has something of its own.
  [[nodiscard]] static double accuracy_of(const Proposal& proposal) {
    double value = 0.5;
    std::uint64_t own = 0;
    for (const std::int64_t choice : proposal.architecture) {
      value += 0.01 * static_cast<double>(choice);
      own = 31 * own + static_cast<std::uint64_t>(choice);
    }
    return value + 0.1 * static_cast<double>(std::mt19937_64(own)() % 1000) / 1000;
  }

  Settings settings_;
  explorer::Explorer explorer_;
  std::unique_ptr<Strategy> strategy_;
};

/// What a network's accuracy is predicted from, counted by hand: a chain of valid convolutions over
/// a map of 16×16, its mean, 4 classes.
std::vector<double> features_of(const Settings& settings, const Architecture& architecture,
                                double latency_s) {
  std::vector<double> features;
  double side = 16;
  double channels = 1;
  double all_macs = 0;
  double weights = 0;
  for (std::size_t layer = 0; layer < architecture.size(); layer += 2) {
    const auto kernel = static_cast<double>(architecture[layer]);
    const auto filters = static_cast<double>(architecture[layer + 1]);
    side -= kernel - 1;
    const double macs = filters * side * side * channels * kernel * kernel;
    all_macs += macs;
    weights += filters * channels * kernel * kernel;
    features.push_back(std::log(1 + macs));
    features.push_back(std::log(1 + filters * side * side));
    for (const std::int64_t value : settings.space.kernels) {
      features.push_back(value == architecture[layer] ? 1 : 0);
    }
    for (const std::int64_t value : settings.space.filters) {
      features.push_back(value == architecture[layer + 1] ? 1 : 0);
    }
    channels = filters;
  }
  features.push_back(std::log(1 + all_macs + 4 * channels));
  features.push_back(std::log(1 + weights + 4 * channels));
  features.push_back(std::log(latency_s));
  return features;
}

/// Ridge regression in its dual form: of centred samples the prediction is
/// ȳ + kᵀ(K + λI)⁻¹(y − ȳ), K and k being the products of the standardised features.
class DualRidge {
 public:
  DualRidge(const std::vector<std::vector<double>>& x, const std::vector<double>& y, double lambda)
      : samples_(x), mean_(x[0].size(), 0), deviation_(x[0].size(), 0) {
    const auto count = static_cast<double>(x.size());
    for (const auto& sample : x) {
      for (std::size_t i = 0; i < sample.size(); ++i) mean_[i] += sample[i] / count;
    }
    for (const auto& sample : x) {
      for (std::size_t i = 0; i < sample.size(); ++i) {
        deviation_[i] += (sample[i] - mean_[i]) * (sample[i] - mean_[i]) / count;
      }
    }
    for (double& deviation : deviation_) deviation = std::sqrt(deviation);
    for (auto& sample : samples_) sample = standardised(sample);
    for (const double value : y) target_mean_ += value / count;
    const auto size = static_cast<Eigen::Index>(x.size());
    Eigen::MatrixXd products = lambda * Eigen::MatrixXd::Identity(size, size);
    Eigen::VectorXd rest(size);
    for (std::size_t i = 0; i < x.size(); ++i) {
      rest(static_cast<Eigen::Index>(i)) = y[i] - target_mean_;
      for (std::size_t j = 0; j < x.size(); ++j) {
        products(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) +=
            product(samples_[i], samples_[j]);
      }
    }
    dual_ = products.fullPivLu().solve(rest);
  }

  [[nodiscard]] double predict(const std::vector<double>& features) const {
    const std::vector<double> z = standardised(features);
    double sum = target_mean_;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      sum += dual_(static_cast<Eigen::Index>(i)) * product(samples_[i], z);
    }
    return sum;
  }

 private:
  [[nodiscard]] std::vector<double> standardised(std::vector<double> features) const {
    for (std::size_t i = 0; i < features.size(); ++i) {
      features[i] = deviation_[i] > 1e-9 ? (features[i] - mean_[i]) / deviation_[i] : 0;
    }
    return features;
  }
  [[nodiscard]] static double product(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }

  std::vector<std::vector<double>> samples_;
  std::vector<double> mean_;
  std::vector<double> deviation_;
  double target_mean_ = 0;
  Eigen::VectorXd dual_;
};

/// The rule of docs/search.md, followed with a regression of its own.
TEST(Screen, ShortTrainingsAreOfTheBestPredictedAndFullOnesOfTheBestOfThem) {
  Settings settings = small_settings();
  // So many draws miss one of at most 144 networks once in e^20 times.
  settings.strategies.set("screen.candidates", std::int64_t{3'000});
  settings.strategies.set("screen.full_share", 0.8);
  Told told(settings);
  std::map<Architecture, double> feasible;  // and its latency
  for (const Architecture& architecture : test::all_architectures(settings.space)) {
    const explorer::NetworkResult result = told.explored(architecture);
    if (result.feasible()) feasible[architecture] = result.latency_s;
  }
  ASSERT_GT(feasible.size(), 70U);
  ASSERT_LT(feasible.size(), 140U) << "of 144";
  std::map<Architecture, double> screened;  // and its accuracy
  std::set<Architecture> in_full;
  for (int number = 0; number < 60; ++number) {
    std::optional<DualRidge> ridge;
    if (screened.size() >= 12) {
      std::vector<std::vector<double>> x;
      std::vector<double> y;
      for (const auto& [architecture, accuracy] : screened) {
        x.push_back(features_of(settings, architecture, feasible.at(architecture)));
        y.push_back(accuracy);
      }
      ridge.emplace(x, y, settings.strategies.get<double>("screen.ridge"));
    }
    const auto prediction = [&](const Architecture& architecture) {
      return ridge->predict(features_of(settings, architecture, feasible.at(architecture)));
    };
    const Trial trial = told.next();
    SCOPED_TRACE(number);
    if (!told.is_short(trial)) {
      ASSERT_TRUE(ridge.has_value());
      ASSERT_TRUE(screened.contains(trial.architecture));
      EXPECT_TRUE(in_full.insert(trial.architecture).second);
      const auto score = [&](const Architecture& architecture) {
        return (screened.at(architecture) + prediction(architecture)) / 2;
      };
      for (const auto& [other, accuracy] : screened) {
        if (in_full.contains(other)) continue;
        EXPECT_LE(score(other), score(trial.architecture) + 1e-9) << inas::to_string(other);
      }
      continue;
    }
    if (ridge) {
      for (const auto& [other, latency_s] : feasible) {
        if (screened.contains(other)) continue;
        EXPECT_LE(prediction(other), prediction(trial.architecture) + 1e-9)
            << inas::to_string(other);
      }
    }
    EXPECT_TRUE(screened.emplace(trial.architecture, *trial.accuracy).second) << "screened twice";
  }
  EXPECT_GE(screened.size(), 30U);
  EXPECT_GE(in_full.size(), 10U);
}

TEST(Screen, FullTrainingsHaveTheirShareOfTheCost) {
  for (const double share : {0.2, 0.5, 0.9}) {
    SCOPED_TRACE(share);
    Settings settings = small_settings();
    settings.strategies.set("screen.full_share", share);
    settings.strategies.set("screen.candidates", std::int64_t{16});
    Told told(settings);
    const double of_short = cost(short_effort(settings, 12), full_effort(settings));
    ASSERT_NEAR(of_short, 1.0 / 12, 1e-9);
    double full = 0;
    double all = 0;
    for (int number = 0; number < 100; ++number) {
      const Trial trial = told.next();
      if (told.is_short(trial)) {
        all += of_short;
      } else {
        full += 1;
        all += 1;
        EXPECT_LE(full, share * all + 1e-9) << "trial " << number;
      }
      if (number < 12) continue;
      // The next one is due as soon as the share holds with it.
      EXPECT_GT(full + 2, share * (all + 1) - 1e-9) << "trial " << number;
    }
    EXPECT_GT(full, 0);
  }
}

}  // namespace
}  // namespace inas::nas
