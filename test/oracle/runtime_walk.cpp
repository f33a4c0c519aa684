#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "loop_nest.hpp"

namespace oracle {
namespace {

/// Walks one layer and notes what happens.
class RuntimeWalk {
 public:
  RuntimeWalk(const Layer& l, const WideDesign& wide, std::set<Int> begins)
      : l_(l),
        wide_(wide),
        begins_(std::move(begins)),
        d_(wide.design),
        average_(l.kind == Kind::pool),
        vectors_(!own_channels(l)) {}

  std::vector<Events> run() {
    const std::vector<Step> all = steps(l_, d_);
    using Operand = std::array<Int, 3>;
    const Operand none{-1, -1, -1};
    Operand in_vm = none;
    std::set<Int> begun;  // channels whose average has a partial result in NVM
    Int batch = 0;
    for (std::size_t at = 0; at < all.size(); at += static_cast<std::size_t>(d_.S), ++batch) {
      if (begins_.empty() ? batch % wide_.K == 0 : begins_.contains(batch)) {
        if (batch > 0) cycles_.push_back(std::exchange(now_, {}));
        ++now_.cycle;
        ++now_.entry;
        read(9);
        write(1);
        in_vm = none;
      }
      const Step& first = all[at];
      const Operand operand = kept_operand(l_, d_, first);
      if (operand != in_vm) {
        fetch_kept(first, begun);
        in_vm = operand;
      }
      begun.insert(first.m);
      for (Int tile = 0; tile < d_.S; ++tile) one_tile(all[at + static_cast<std::size_t>(tile)]);
      finish_batch(first);
    }
    cycles_.push_back(now_);
    return cycles_;
  }

 private:
  void read(Int n) {
    ++now_.reads;
    now_.values_read += n;
  }
  void write(Int n) {
    ++now_.writes;
    now_.values_written += n;
  }
  [[nodiscard]] Int rows(const Step& at) const { return rows_of(l_, d_, at.r).size; }
  [[nodiscard]] Int columns(const Step& at) const { return columns_of(l_, d_, at.c).size; }

  void note(const Moved& moved) {
    ++now_.block;
    now_.block_row += moved.rows;
    if (moved.filled > 0) ++now_.border;
    now_.fill += moved.filled;
    now_.fill_run += moved.fill_runs;
  }
  void fetch_input(const Step& at) {
    for (int map = 0; map < (l_.kind == Kind::add ? 2 : 1); ++map) {
      const Moved moved = move_input(l_, d_, at, wide_.coalesced);
      for (const Int n : moved.lengths) read(n);
      if (l_.kind != Kind::add && !average_) ++now_.window;
      note(moved);
    }
  }
  void fetch_weights() {
    for (const Int n : weight_transfers(l_, d_, wide_.coalesced)) read(n);
    ++now_.weights;
  }
  void fetch_sums(const Step& at) {
    const Moved moved = move_output(l_, d_, at, d_.Tm, wide_.coalesced);
    for (const Int n : moved.lengths) read(n);
    note(moved);
  }
  void fetch_kept(const Step& first, const std::set<Int>& begun) {
    if (average_) {
      if (begun.contains(first.m)) read(d_.Tm);
    } else if (!vectors_) {
      if (l_.kind == Kind::dw) fetch_weights();
    } else if (d_.order == 'I') {
      fetch_input(first);
    } else if (d_.order == 'W') {
      fetch_weights();
    } else if (first.n > 0) {
      fetch_sums(first);
    }
  }

  void one_tile(const Step& step) {
    ++now_.tile;
    if (!vectors_ || d_.order != 'I') fetch_input(step);
    if (vectors_ && d_.order != 'W') fetch_weights();
    if (vectors_ && d_.order != 'O' && step.n > 0) fetch_sums(step);
    if (average_) {
      now_.output += d_.Tm;
      now_.value += rows(step) * columns(step) * d_.Tm;
    } else {
      compute(step);
    }
    if (!average_ && d_.order == 'W') back_up(step, d_.Tm);
  }

  void compute(const Step& step) {
    const Int width = columns_of(l_, d_, step.c).count;
    for (Int r = 0; r < rows(step); ++r) {
      ++now_.row;
      for (Int c = 0; c < columns(step); ++c) {
        ++now_.position;
        for (Int m = 0; m < d_.Tm; ++m) {
          ++now_.output;
          if (l_.bias && step.n == 0) ++now_.bias;
          if (vectors_) {
            vectors(r, c, m, width);
          } else if (l_.kind != Kind::add) {
            now_.line += l_.Kh;
            now_.value += l_.Kh * l_.Kw;
          }
        }
      }
    }
  }

  void vectors(Int r, Int c, Int m, Int width) {
    const bool rows_of_kernel = wide_.cpu || wide_.row;
    const bool whole = rows_of_kernel && one_dimensional(l_);
    const Int lines = whole ? 1 : l_.Kh;
    const Int pieces = rows_of_kernel ? 1 : l_.Kw;
    const Int length = whole ? l_.Kh * d_.Tn : rows_of_kernel ? l_.Kw * d_.Tn : d_.Tn;
    // Of a kernel one column wide all vectors lie side by side: one line.
    if (!wide_.cpu) now_.lea_loop_line += one_dimensional(l_) ? 1 : l_.Kh;
    for (Int i = 0; i < lines; ++i) {
      for (Int j = 0; j < pieces; ++j) {
        if (!wide_.cpu) ++now_.lea_loop_vector;
        const Int weight = ((m * l_.Kh + i) * l_.Kw + j) * d_.Tn;
        const Int input =
            l_.Kh * l_.Kw * d_.Tm * d_.Tn + ((r * l_.s + i) * width + c * l_.s + j) * d_.Tn;
        const Int even = length - length % 2;
        if (wide_.cpu || weight % 2 != 0 || input % 2 != 0 || even == 0) {
          ++now_.cpu_vectors;
          now_.cpu_values += length;
          continue;
        }
        for (Int left = even; left > 0;) {
          const Int part = wide_.longest_vector > 0 ? std::min(left, wide_.longest_vector) : left;
          ++now_.lea_vectors;
          now_.lea_values += part;
          left -= part;
        }
        if (even != length) {
          ++now_.cpu_vectors;
          ++now_.cpu_values;
        }
      }
    }
  }

  void back_up(const Step& at, Int channels) {
    const Moved moved = move_output(l_, d_, at, channels, wide_.coalesced);
    for (const Int n : moved.lengths) write(n);
    // Partial sums, too, which are compared with the largest number there is.
    if (l_.capped) now_.cap += rows(at) * columns(at) * channels;
    note(moved);
  }
  void finish_batch(const Step& first) {
    if (average_) {
      now_.batch_output += d_.Tm;
      if (l_.capped) now_.cap += d_.Tm;
      write(d_.Tm);
    } else if (d_.order == 'I') {
      back_up(first, d_.S * d_.Tm);
    } else if (d_.order == 'O') {
      back_up(first, d_.Tm);
    }
    ++now_.batch;
    write(4);
  }

  const Layer& l_;
  const WideDesign& wide_;
  std::set<Int> begins_;
  const Design& d_;
  bool average_;
  bool vectors_;
  Events now_;
  std::vector<Events> cycles_;
};

}  // namespace

std::vector<Events> walk_runtime(const Layer& layer, const WideDesign& wide) {
  return RuntimeWalk(layer, wide, {}).run();
}

std::vector<Events> walk_runtime(const Layer& layer, const WideDesign& wide,
                                 const std::set<Int>& begins) {
  return RuntimeWalk(layer, wide, begins).run();
}

}  // namespace oracle
