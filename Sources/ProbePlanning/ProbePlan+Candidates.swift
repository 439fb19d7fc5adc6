internal import KernelLayout

extension ProbePlan {
    /// Every function that a plan may ask for.
    public static let candidateSymbols: Set<String> = Set(
        [
            ProbedFunction.sockSendmsgInner, .sockSendmsg, .sysSendmsg, .sysSendto, .writeIter, .sendpage, .doWritev,
            .spliceToSocket, .securitySendmsg, .sockRecvmsg, .sysRecvmsg, .sysRecvfrom, .readIter, .spliceRead,
            .doReadv, .securityRecvmsg, .create, .sysSocket, .aioWrite, .aioRead, .releaseInner, .release, .sockClose,
        ].map(\.symbol) + ProtocolFunctions.sendingNames + ProtocolFunctions.receivingNames)
}
