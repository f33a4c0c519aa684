#include "speakers.hpp"

#include <algorithm>
#include <cmath>

#include <inas/core/random_draw.hpp>

#include "draws.hpp"

namespace inas::tools {
namespace {

// With a variant, "en-gb" falls back to another voice without a word: "en" is the same accent.
const std::vector<std::string> kAccents{
    "en",         "en-us",          "en-us-nyc",     "en-029", "en-gb-scotland",
    "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd"};

/// Share of the variants that the validation part has, and the test part.
constexpr double kHeldOut = 0.15;

}  // namespace

// Without robots, whispers and creaks, and without Marco, who takes up to 1.6 s for a word.
const std::vector<std::string>& natural_variants() {
  static const std::vector<std::string> variants{
      "Alex",    "Alicia",   "Andrea",     "Andy",    "Annie",   "Denis",   "Diogo",    "Gene",
      "Gene2",   "Henrique", "Hugo",       "Jacky",   "Lee",     "Mario",   "Michael",  "Mike",
      "Nguyen",  "adam",     "anika",      "antonio", "aunty",   "belinda", "benjamin", "boris",
      "caleb",   "david",    "ed",         "edward",  "edward2", "f1",      "f2",       "f3",
      "f4",      "f5",       "grandma",    "grandpa", "gustave", "iven",    "iven2",    "iven3",
      "iven4",   "john",     "kaukovalta", "linda",   "m1",      "m2",      "m3",       "m4",
      "m5",      "m6",       "m7",         "m8",      "marcelo", "max",     "michel",   "miguel",
      "norbert", "pablo",    "paul",       "pedro",   "quincy",  "rob",     "robert",   "sandro",
      "shelby",  "steph",    "steph2",     "steph3",  "travis",  "victor",  "zac"};
  return variants;
}

std::vector<Speaker> draw_speakers(std::int64_t count, std::int64_t seed) {
  std::mt19937_64 random = generator(seed, -1);
  const std::vector<std::string>& variants = natural_variants();
  const std::vector<std::int64_t> order = random_order(std::ssize(variants), random);
  const std::int64_t used = std::min(count, std::ssize(variants));
  const auto held_out =
      std::max<std::int64_t>(1, std::llround(kHeldOut * static_cast<double>(used)));

  std::vector<Speaker> speakers;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t place = i % used;
    Speaker speaker;
    speaker.voice.variant =
        variants[static_cast<std::size_t>(order[static_cast<std::size_t>(place)])];
    speaker.voice.accent = kAccents[static_cast<std::size_t>(draw_below(random, kAccents.size()))];
    speaker.voice.pitch = std::llround(draw_between(random, 20, 80));
    speaker.voice.words_per_minute = std::llround(draw_between(random, 130, 200));
    speaker.part = place < held_out       ? Part::test
                   : place < 2 * held_out ? Part::validation
                                          : Part::train;
    speakers.push_back(std::move(speaker));
  }
  return speakers;
}

}  // namespace inas::tools
