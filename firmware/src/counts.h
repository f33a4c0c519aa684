/// What the host board counts of the runtime's work (inas_host_work); nothing on devices.
#ifndef INAS_FIRMWARE_COUNTS_H
#define INAS_FIRMWARE_COUNTS_H

#ifdef INAS_COUNT_WORK
#include <host_board.h>
/* Adds `n` to the member `what` of what layers of `type` do. */
#define INAS_COUNT(type, what, n) (inas_host_work(type)->what += (n))
#else
#define INAS_COUNT(type, what, n) ((void)(type), (void)(n))
#endif

#endif
