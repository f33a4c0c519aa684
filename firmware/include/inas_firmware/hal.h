/// What the runtime needs from a board. Everything else that a board has (clocks, pins, the loop
/// that feeds inputs) is its own business.
#ifndef INAS_FIRMWARE_HAL_H
#define INAS_FIRMWARE_HAL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The memory for tiles: at least the model's `vm_bytes`, aligned to 4 bytes. Its content is not
/// assumed to survive anything.
int16_t* inas_hal_vm(void);

/// Moves `bytes` (even, at least 2) from NVM to VM, at even addresses of both; VM is the memory of
/// inas_hal_vm or the stack. One call is one transfer of the cost model.
void inas_hal_nvm_read(uint32_t address, void* vm, uint16_t bytes);

/// Moves `bytes` (even, at least 2) from VM to NVM, in ascending order of addresses. Power may fail
/// within: then a prefix of the bytes is written.
void inas_hal_nvm_write(uint32_t address, const void* vm, uint16_t bytes);

/// 2·Σ a[i]·b[i] over `length` (at least 1) elements, Q15 times Q15 to Q31, without rounding. The
/// vectors lie in the memory of inas_hal_vm, at even addresses; the model's weights ensure that the
/// sum fits. Boards whose accelerator wants even lengths or 4-byte alignment see to it themselves.
int32_t inas_hal_mac(const int16_t* a, const int16_t* b, uint16_t length);

/// Ends the power cycle: progress is safe, the device may be cut off until it has recharged. A
/// board where power comes back without a boot returns; the runtime then starts from NVM again.
void inas_hal_end_power_cycle(void);

/// `stuck`: many power cycles in a row (INAS_FRUITLESS_CYCLES) have finished no batch; said at the
/// start of each further one, which tries again all the same. Not `stuck`: the power cycle that was
/// reported has finished a batch. A board that cannot show it does nothing.
void inas_hal_report_stuck(bool stuck);

#ifdef __cplusplus
}
#endif

#endif
